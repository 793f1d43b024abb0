"""What wakes somebody up. docs/operations.md says for each alarm what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import Duration, Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra.settings import METRICS_NAMESPACE, Settings

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from infra.api import Api
    from infra.tool_function import ToolFunction

OLDEST_PENDING_LIMIT = Duration.seconds(180)
_MINUTE = Duration.minutes(1)
_FIVE_MINUTES = Duration.minutes(5)
_FOUND_OUT_OF_STEP = (
    ("Duplicates", "DuplicatesFound", "the audit found two events for one booking"),
    (
        "RecordedEventsMissing",
        "RecordedEventsMissing",
        "the audit did not find the recorded event of a booking that had been in doubt",
    ),
    ("EndedEventsStanding", "EndedEventsStanding", "a booking has ended, and its event stands in the calendar"),
    ("PromisesBroken", "PromisesBroken", "a call has ended, and a booking is not what its caller was told"),
    (
        "LocksWithoutBooking",
        "LocksWithoutBooking",
        "a time is locked for a booking that is not live: nobody can book it",
    ),
    ("DriftFound", "DriftFound", "the nightly scan found a booking that its calendar does not hold as recorded"),
    (
        "ConnectionsFailed",
        "ConnectionsFailed",
        "the daily probe found a calendar account that does not let us in any more",
    ),
)
"""Of the schedule's own looks: alarm, metric, and what one of it means."""


class Alarms(Construct):
    """One topic, and an alarm for each way in which callers could be let down."""

    def __init__(self, scope: Construct, id_: str, *, settings: Settings, key: kms.IKey) -> None:
        super().__init__(scope, id_)
        self._settings = settings
        self.topic = sns.Topic(
            self, "Topic", display_name=f"Slotline {settings.stage}", master_key=key, enforce_ssl=True
        )
        # A topic with a policy of its own no longer lets the account's alarms publish by default.
        self.topic.add_to_resource_policy(self._alarms_may("sns:Publish", on=self.topic.topic_arn))
        key.add_to_resource_policy(
            self._alarms_may("kms:Decrypt", "kms:GenerateDataKey", on="*")
        )  # "*" is the key itself

    def watch_functions(self, functions: Iterable[ToolFunction]) -> None:
        """Errors and throttles of each function."""
        for tool in functions:
            name = tool.node.id
            self._alarm(
                f"{name}Errors",
                tool.function.metric_errors(period=_FIVE_MINUTES, statistic="Sum"),
                says=f"{tool.tool} failed without an answer",
            )
            self._alarm(
                f"{name}Throttles",
                tool.function.metric_throttles(period=_FIVE_MINUTES, statistic="Sum"),
                says=f"{tool.tool} was refused a place to run: raise the account's concurrency",
            )

    def watch_stream(self, worker: ToolFunction) -> None:
        """How long outbox items wait in the table's stream."""
        self._alarm(
            "StreamLag",
            worker.function.metric("IteratorAge", period=_MINUTE, statistic="Maximum"),
            says="confirmations wait in the table's stream for more than a minute",
            above=60_000,
            periods=3,
        )

    def watch_failures(self, queues: Mapping[str, sqs.IQueue]) -> None:
        """Anything that was given up."""
        for name, queue in queues.items():
            self._alarm(
                f"{name}NotEmpty",
                queue.metric_approximate_number_of_messages_visible(period=_MINUTE, statistic="Maximum"),
                says=f"{name}: something failed for good and waits for a person",
            )

    def watch_tasks(self, workers: Iterable[ToolFunction]) -> None:
        """What only a person can settle, wherever the effect that says so is carried out."""
        for tool in workers:
            self._alarm(
                f"{tool.node.id}HumanTasks",
                self._own_metric("HumanTasks", tool, statistic="Sum", period=_FIVE_MINUTES),
                says="a booking waits for a person, say because it was given up, or cannot be cancelled",
            )

    def watch_bookings(self, *, reconcile: ToolFunction, tools: Iterable[ToolFunction]) -> None:
        """The promise itself: no booking in doubt for long, none twice, none refused for a wrong set-up."""
        self._alarm(
            "OldestPending",
            self._own_metric("OldestPendingSeconds", reconcile, statistic="Maximum", period=_MINUTE),
            says="a booking has been in doubt for more than three minutes",
            above=OLDEST_PENDING_LIMIT.to_seconds(),
        )
        for name, metric, says in _FOUND_OUT_OF_STEP:
            counted = self._own_metric(metric, reconcile, statistic="Sum", period=_FIVE_MINUTES)
            self._alarm(name, counted, says=says)
        for tool in tools:
            self._alarm(
                f"{tool.node.id}Conflicts",
                self._own_metric("Conflicts", tool, statistic="Sum", period=_FIVE_MINUTES),
                says="somebody wrote an event over one of ours, or moved one of ours over another",
            )
            self._alarm(
                f"{tool.node.id}SetupErrors",
                self._own_metric("SetupErrors", tool, statistic="Sum", period=_FIVE_MINUTES),
                says="a calendar, agent or sender is set up wrongly: a key was revoked or a service has gone",
            )
        self._alarm(
            "ReconcileSilent",
            reconcile.function.metric_invocations(period=_FIVE_MINUTES, statistic="Sum"),
            says="the reconciler has not run for ten minutes: bookings in doubt stay so",
            above=1,
            periods=2,
            when_lower=True,
        )

    def watch_api(self, api: Api) -> None:
        """Answers of the kind 5xx, whoever produced them."""
        self._alarm(
            "ApiServerErrors",
            api.http.metric_server_error(period=_FIVE_MINUTES, statistic="Sum"),
            says="the API answered 5xx",
        )

    def _alarms_may(self, *allowed: str, on: str) -> iam.PolicyStatement:
        return iam.PolicyStatement(
            principals=[iam.ServicePrincipal("cloudwatch.amazonaws.com")],
            actions=list(allowed),
            resources=[on],
            conditions={"StringEquals": {"aws:SourceAccount": Stack.of(self).account}},
        )

    def _own_metric(self, name: str, tool: ToolFunction, *, statistic: str, period: Duration) -> cloudwatch.Metric:
        """Name a metric our own code emits; its one dimension is the function's service name."""
        return cloudwatch.Metric(
            namespace=METRICS_NAMESPACE,
            metric_name=name,
            dimensions_map={"service": self._settings.service_name(tool.tool)},
            statistic=statistic,
            period=period,
        )

    def _alarm(
        self,
        name: str,
        metric: cloudwatch.IMetric,
        *,
        says: str,
        above: float = 0,
        periods: int = 1,
        when_lower: bool = False,
    ) -> None:
        comparison = cloudwatch.ComparisonOperator
        missing = cloudwatch.TreatMissingData
        alarm = cloudwatch.Alarm(
            self,
            name,
            metric=metric,
            alarm_description=f"Slotline {self._settings.stage}: {says}. See docs/operations.md, {name}.",
            threshold=above,
            comparison_operator=comparison.LESS_THAN_THRESHOLD if when_lower else comparison.GREATER_THAN_THRESHOLD,
            evaluation_periods=periods,
            treat_missing_data=missing.BREACHING if when_lower else missing.NOT_BREACHING,
        )
        alarm.add_alarm_action(actions.SnsAction(self.topic))
        alarm.add_ok_action(actions.SnsAction(self.topic))
