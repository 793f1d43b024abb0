"""The two layers every function runs on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from infra import assets
from infra.settings import RUNTIME, Settings

if TYPE_CHECKING:
    from collections.abc import Sequence


class Layers(Construct):
    """Our shared package, which changes often, apart from the packages it uses, which are large and seldom change."""

    def __init__(self, scope: Construct, id_: str, *, settings: Settings) -> None:
        super().__init__(scope, id_)
        self.dependencies = lambda_.LayerVersion(
            self,
            "Dependencies",
            code=assets.dependencies(settings.cpu),
            description="Third-party packages, pinned by hash in requirements/runtime.txt",
            compatible_runtimes=[RUNTIME],
            compatible_architectures=[settings.architecture],
        )
        self.shared = lambda_.LayerVersion(
            self,
            "Shared",
            code=assets.shared_package(),
            description="The slotline package",
            compatible_runtimes=[RUNTIME],
        )

    @property
    def all(self) -> Sequence[lambda_.ILayerVersion]:
        return (self.dependencies, self.shared)
