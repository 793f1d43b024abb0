"""Synthesise the stack: `python app.py [-c stage=prod] [-c arch=x86_64]`. The CDK command line starts it too."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import TYPE_CHECKING

import aws_cdk as cdk

from infra.checks import check
from infra.settings import Settings
from infra.stack import SlotlineStack

if TYPE_CHECKING:
    from collections.abc import Mapping

# One set for `python app.py` and for the CDK command line, which alone would read them from cdk.json.
FLAGS: Mapping[str, bool] = {
    "@aws-cdk/core:disableStackTrace": True,
    "@aws-cdk/core:validateAgainstDefaultRules": True,  # what CloudFormation would refuse stops the synthesis
    "aws:cdk:enable-asset-metadata": False,
    "aws:cdk:enable-path-metadata": False,
}


def build(context: Mapping[str, object], *, output: str) -> cdk.App:
    """Build the app, not yet synthesised; any finding of the rule packs will stop the synthesis."""
    app = cdk.App(outdir=output, context={**FLAGS, **context}, analytics_reporting=False)
    SlotlineStack(app, settings=Settings.from_context(app.node))
    check(app)
    return app


def main() -> None:
    parser = argparse.ArgumentParser(description="Synthesise Slotline's CloudFormation template and assets.")
    parser.add_argument(
        "-c",
        "--context",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        help="stage, arch, public_url, reconcile_concurrency, direct",
    )
    parser.add_argument("-o", "--output", default=os.environ.get("CDK_OUTDIR", str(Path(__file__).parent / "cdk.out")))
    arguments = parser.parse_args()
    context = dict(pair.split("=", 1) for pair in arguments.context)
    build(context, output=arguments.output).synth()


if __name__ == "__main__":
    main()
