"""Spanish, with usted."""

from __future__ import annotations

from slotline.domain.catalogue import Language

_PHRASES = {
    # availability
    "offers": "Para {service} tengo {offers}. ¿Cuál prefiere?",
    "offers_after_taken": "Esa hora se acaba de ocupar. Todavía puedo ofrecerle {offers}.",
    "none_day_closed": "No tengo nada para {when}, porque está cerrado. ¿Qué otro día le vendría bien?",
    "none_day_closed_nearest": "Está cerrado, así que no tengo nada para {when}. Lo más cercano es {offers}.",
    "none_staff_away": "{staff} no está entonces, así que no tengo nada para {when}. ¿Qué otro día le vendría bien?",
    "none_staff_away_nearest": "{staff} no está entonces, así que no tengo nada para {when}. "
    "Lo más cercano es {offers}.",
    "none_full": "No me queda nada libre para {when}. ¿Quiere que mire otro día?",
    "none_full_nearest": "No me queda nada libre para {when}. Lo más cercano es {offers}.",
    "none_too_soon": "Es con muy poca antelación, así que no tengo nada para {when}. "
    "¿Quiere que mire un poco más tarde?",
    "none_too_soon_nearest": "Es con muy poca antelación. En lugar de {when} puedo ofrecerle {offers}.",
    "none_too_far": "Todavía no damos citas con tanta antelación, así que no tengo nada para {when}. "
    "¿Quiere que mire algo antes?",
    "none_too_far_nearest": "Todavía no damos citas para {when}. Puedo ofrecerle {offers}.",
    "none_past": "Eso ya ha pasado: no puedo ofrecerle nada para {when}. ¿Qué otro día le vendría bien?",
    "none_past_nearest": "Eso ya ha pasado. En lugar de {when} puedo ofrecerle {offers}.",
    "provider_down": "En este momento no puedo ver el calendario. ¿Quiere que le llamen?",
    "provider_down_transfer": "En este momento no puedo ver el calendario. "
    "Le pueden atender en el {transfer}; ¿le paso?",
    # holding and making an appointment
    "held": "Le guardo un momento {time}. ¿Sigo adelante?",
    "already_held": "Todavía le guardo {time}. ¿Sigo adelante?",
    "hold_failed": "Ahora mismo no he podido guardarle esa hora. ¿Lo intento otra vez?",
    "expired_hold": "Ya no he podido seguir guardándole esa hora. ¿Quiere que mire otra vez?",
    "expired_hold_offers": "Ya no he podido seguir guardándole esa hora. Puedo ofrecerle {offers}.",
    "booked": "Su cita queda reservada: {time}. Le envío los detalles por mensaje.",
    "booked_no_text": "Su cita queda reservada: {time}.",
    "booked_already": "Ya tiene {time}; no se ha reservado nada dos veces.",
    "requested": "He pedido {time}; {business} se lo confirmará por mensaje.",
    "requested_no_text": "He pedido {time}; {business} se pondrá en contacto con usted.",
    "requested_already": "Ya he pedido {time}; {business} todavía tiene que confirmarlo.",
    "pending": "Le he guardado {time} y lo he enviado al calendario. Recibirá un mensaje en unos minutos. "
    "Nadie más puede ocuparlo.",
    "pending_no_text": "Le he guardado {time} y lo he enviado al calendario, que aún no ha contestado. "
    "Nadie más puede ocuparlo.",
    "pending_move": "He pedido al calendario cambiar {old} por {time}. Recibirá un mensaje en unos minutos.",
    "pending_move_no_text": "He pedido al calendario cambiar {old} por {time}, y aún no ha contestado.",
    "pending_again": "Le sigo guardando {time}; el calendario aún no ha contestado. "
    "Recibirá un mensaje en cuanto lo haga.",
    "pending_again_no_text": "Le sigo guardando {time}; el calendario aún no ha contestado.",
    "taken": "Esa hora ya no está libre. ¿Qué otra hora le vendría bien?",
    "taken_offers": "Esa hora ya no está libre. Puedo ofrecerle {offers}.",
    "not_free": "Esa hora no está libre. ¿Qué otra hora le vendría bien?",
    "not_free_offers": "Esa hora no está libre. Puedo ofrecerle {offers}.",
    "not_done": "No he podido conectar con el calendario, así que no se ha hecho nada. ¿Quiere que le llamen?",
    "not_done_transfer": "No he podido conectar con el calendario, así que no se ha hecho nada. "
    "Le pueden atender en el {transfer}; ¿le paso?",
    "unsure": "Algo ha fallado por mi parte y todavía no sé si se ha hecho. "
    "Pregúnteme otra vez en un momento, por favor.",
    "unsure_transfer": "Algo ha fallado por mi parte y todavía no sé si se ha hecho. "
    "Pregúnteme otra vez en un momento o llame al {transfer}, por favor.",
    # changing one
    "moved": "Hecho: su cita queda reservada para {time} en lugar de {old}. Le envío los detalles por mensaje.",
    "moved_no_text": "Hecho: su cita queda reservada para {time} en lugar de {old}.",
    "move_same": "Su cita ya es el {time}, así que no ha hecho falta cambiar nada.",
    "move_taken": "Esa hora está ocupada; sigue teniendo {old}. ¿Qué otra hora le vendría bien?",
    "move_taken_offers": "Esa hora está ocupada; sigue teniendo {old}. Puedo ofrecerle {offers}.",
    "not_changed": "Ahora mismo no he podido cambiar nada; su cita sigue como estaba. ¿Quiere que le llamen?",
    "not_changed_transfer": "Ahora mismo no he podido cambiar nada; su cita sigue como estaba. "
    "Le pueden atender en el {transfer}; ¿le paso?",
    "cancel_confirm": "¿Cancelo su cita del {time}?",
    "cancelled": "Su cita del {time} queda cancelada.",
    "cancelled_already": "Esa cita ya estaba cancelada.",
    "cancel_pending": "He pedido cancelar la cita del {time}; el mensaje le dirá cuándo está hecho.",
    "cancel_pending_no_text": "He pedido cancelar la cita del {time}; el calendario aún no ha contestado.",
    "gone": "Ya no veo esa cita en el calendario.",
    "found_one": "Tiene {appointment}.",
    "found_many": "Tiene {appointments}. ¿De cuál se trata?",
    "none_found": "No veo ninguna cita próxima a su nombre.",
    "needs_verification": "No puedo consultar citas sin saber quién llama. "
    "Por favor, llame desde el número con el que pidió la cita.",
    "needs_verification_transfer": "No puedo hacerlo sin saber quién llama. "
    "Le pueden atender en el {transfer}; ¿le paso?",
    "code_sent": "Un SMS con un código de seis cifras va de camino al número desde el que llama. "
    "Por favor, léame el código.",
    "code_sent_again": "Ese código ya no es válido. Un SMS con un nuevo código de seis cifras va de camino al número "
    "desde el que llama. Por favor, léamelo.",
    "code_wrong": "Ese no es el código que le he enviado. ¿Puede leerme las seis cifras otra vez?",
    "code_unclear": "Necesito las seis cifras del código. ¿Puede leérmelas otra vez?",
    "code_failed": "Ese tampoco era el código, así que no puedo consultar citas en esta llamada. "
    "Por favor, vuelva a llamar.",
    "code_failed_transfer": "Ese tampoco era el código, así que no puedo consultar citas en esta llamada. "
    "Pueden ayudarle en el {transfer}; ¿le paso?",
    "code_limit": "Ahora mismo no puedo enviar otro código a ese número, así que no puedo consultar "
    "citas en esta llamada.",
    "code_limit_transfer": "Ahora mismo no puedo enviar otro código a ese número. "
    "Pueden ayudarle en el {transfer}; ¿le paso?",
    "code_unsendable": "Tendría que enviar un código al número desde el que llama, y no puedo enviarle SMS. "
    "Por eso no puedo consultar citas en esta llamada.",
    "code_unsendable_transfer": "Tendría que enviar un código al número desde el que llama, y no puedo enviarle SMS. "
    "Pueden ayudarle en el {transfer}; ¿le paso?",
    # asking again
    "needs_name": "¿A qué nombre la pongo?",
    "needs_email": "¿Cuál es su correo electrónico?",
    "needs_phone": "¿Cuál es su número de teléfono?",
    "needs_field": "Todavía necesito {field}.",
    "bad_name": "No he entendido bien el nombre. ¿Me lo repite?",
    "bad_email": "Ese correo no parece completo. ¿Me lo puede deletrear?",
    "bad_phone": "Ese número no parece un teléfono que pueda usar. ¿Me lo repite, con el prefijo?",
    "clarify_service": "¿Para qué sería: {services}?",
    "clarify_staff": "¿Con quién le gustaría: {staff}?",
    "clarify_when": "¿Qué día le gustaría? Puede decir, por ejemplo, mañana por la mañana o el próximo martes.",
    "clarify_when_two": "¿Se refiere al {first} o al {second}?",
    "clarify_past": "Eso ya ha pasado. ¿Qué día le gustaría?",
    "clarify_year": "Esa fecha ya ha pasado. ¿Se refiere al {time}?",
    "clarify_gap": "Esa noche cambia la hora y no existe {time}. ¿Qué otra hora le vendría bien?",
    "clarify_time": "¿A qué hora le gustaría? Dígame, por favor, si es por la mañana o por la tarde.",
    "clarify_time_two": "¿A qué hora se refiere: {first} o {second}?",
    "clarify_slot": "¿Cuál de las horas que le he ofrecido prefiere?",
    "clarify_appointment": "¿A qué cita se refiere: {appointments}?",
    "clarify_request": "Algo ha cambiado mientras lo preparaba. ¿Me dice otra vez qué le gustaría?",
    "clarify_arguments": "No he entendido {field}. ¿Me lo repite?",
    # text messages
    "sms_sent": "He enviado un mensaje con los detalles al número que termina en {phone}.",
    "sms_refused_opted_out": "Ese número ha pedido no recibir mensajes nuestros, así que no he enviado ninguno.",
    "sms_refused_no_phone": "No tengo un número al que escribirle. ¿Qué número puedo usar?",
    "sms_refused_bad_phone": "No puedo enviar mensajes a ese número. ¿Qué otro número puedo usar?",
    "sms_refused_limit": "Ya he enviado ese mensaje, así que por ahora no envío otro.",
    "sms_refused_no_booking": "No veo ninguna cita sobre la que pueda escribirle.",
    "sms_refused_foreign": "Solo puedo enviar mensajes a números de este país.",
    "sms_refused_not_configured": "Desde aquí no puedo enviar mensajes, pero puedo repetirle los detalles.",
}  # fmt: skip

_FIELDS = {
    "name": "su nombre", "email": "su correo electrónico", "phone": "su número de teléfono", "notes": "las notas",
    "service": "el motivo de la cita", "when": "el día", "date": "la fecha", "time": "la hora", "slot_id": "la hora",
    "after": "la hora", "part_of_day": "la parte del día", "staff": "con quién sería", "more": "eso",
    "appointment": "de qué cita se trata", "code": "el código", "confirm": "su respuesta",
}  # fmt: skip


def _at(clock: str) -> str:
    """One o'clock is singular: "a la 1:00"."""
    return f"a la {clock}" if clock.startswith("1:") else f"a las {clock}"


LANGUAGE = Language(
    appointment="{service} el {time}",
    appointment_with="{service} con {staff} el {time}",
    moment_with="{time} con {staff}",
    appointment_unsettled="{appointment}, aún sin confirmar",
    phrases=_PHRASES,
    fields=_FIELDS,
    at=_at,
    again=_at,
    joiners={"or": " o ", "and": " y "},
    last_joiners={"or": " o ", "and": " y "},
    others={"or": "otra cosa", "and": "más"},
)
