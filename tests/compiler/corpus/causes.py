"""Causes: what a flow reads of a failure, whatever the message looks like, and what is behind it for others."""

import fake
from expect import case

from nightshift import Failed, PartFailed, flow, parallel

TABLE = "fake.partial: 1 of 2 resources failed\n  b  Broken: b is broken\nChanged before that: a"


@case(result=TABLE, calls=['partial bad=["b"] names=["a", "b"]'])
@flow
def failed_resources() -> str:
    try:
        fake.partial(names=["a", "b"], bad=["b"])
    except PartFailed as e:
        return e.cause
    return "never"


@case(fails=f"PartFailed: {TABLE}", calls=['partial bad=["b"] names=["a", "b"]', "act clean"])
@flow
def failed_resources_past_a_finally() -> None:
    try:
        fake.partial(names=["a", "b"], bad=["b"])
    finally:
        fake.act(name="clean")


@case(result=TABLE, calls=['partial bad=["b"] names=["a", "b"]', "act clean"])
@flow
def failed_resources_of_a_called_flow() -> str:
    try:
        failed_resources_past_a_finally()
    except PartFailed as e:
        return e.cause
    return "never"


@case(result=TABLE, calls=['partial bad=["b"] names=["a", "b"]'])
@flow
def failed_resources_in_a_branch() -> str:
    def branch() -> None:
        fake.partial(names=["a", "b"], bad=["b"])

    try:
        parallel(branch)
    except PartFailed as e:
        return e.cause
    return "never"


@case(given={"text": '{"errorMessage": "x"}'}, result='{"errorMessage": "x"}', calls=[])
@case(given={"text": '{"errorMessage": "x'}, result='{"errorMessage": "x', calls=[])
@case(
    given={"text": '{"errorType": "E", "errorMessage": "a\\"b"}'},
    result='{"errorType": "E", "errorMessage": "a\\"b"}',
    calls=[],
)
@case(given={"text": '{"errorMessage": 5}'}, result='{"errorMessage": 5}', calls=[])
@case(given={"text": '{"ExecutionArn": "arn"'}, result='{"ExecutionArn": "arn"', calls=[])
@flow
def raised_in_a_branch(text: str = "") -> str:
    """A message that looks like the JSON of Lambda, or of Step Functions, is none."""

    def branch() -> None:
        raise Failed(text)

    try:
        parallel(branch)
    except Failed as e:
        return e.cause
    return "never"


@case(given={"text": '{"errorMessage": "x"}'}, fails='Failed: {"errorMessage": "x"}', calls=[])
@case(given={"text": '{"errorMessage": "x'}, fails='Failed: {"errorMessage": "x', calls=[])
@flow
def raised(text: str = "") -> None:
    raise Failed(text)


@case(fails='Failed: {"errorMessage": "x"}', calls=[])
@flow
def raised_a_constant() -> None:
    raise Failed('{"errorMessage": "x"}')


@case(given={"text": '{"errorMessage": "x"}'}, result='{"errorMessage": "x"}', calls=[])
@case(
    given={"text": '{"ExecutionArn": "arn", "Error": "Other"'},
    result='{"ExecutionArn": "arn", "Error": "Other"',
    calls=[],
    unable={"ministack": "it hands the cause of the called flow on as it is"},
)
@case(given={"text": ""}, result="", calls=[])
@case(given={"text": 'say "x" \\ \n\t\u00e9 \u65e5'}, result='say "x" \\ \n\t\u00e9 \u65e5', calls=[])
@flow
def raised_by_a_called_flow(text: str = "") -> str:
    try:
        raised(text=text)
    except Failed as e:
        return e.cause
    return "never"


@case(result=["日本🚀 failed", "🚀"], calls=["act 日本🚀"])
@flow
def characters_outside_of_the_basic_plane() -> list[str]:
    """Lambda escapes them, each as a pair."""
    said = ""
    try:
        fake.act(name="日本🚀", fails="PartFailed")
    except PartFailed as e:
        said = e.cause
    try:
        raise Failed("🚀")
    except Failed as e:
        return [said, e.cause]
