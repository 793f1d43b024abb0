"""Voice platforms: one wire dialect each. A dialect proves who is asking, reads tool calls and writes the answers.

Every platform looks the same from here on: raw bytes in, `ToolCall`s to run, one response back.
`slotline.platforms.table.by_name` finds the dialect that an agent's record names; nothing is guessed from the request.
"""
