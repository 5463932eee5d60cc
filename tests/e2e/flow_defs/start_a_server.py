from lambdas.parts import ec2
from nightshift import Preset, flow


@flow(
    operators=["night-desk"],
    presets={
        "Server A": Preset({"tag": "Name=db-1"}, title_ja="サーバー A"),
        "Server B": Preset({"tag": "Name=db-2"}, title_ja="サーバー B"),
    },
)
def start_a_server(tag: str) -> None:
    """Start a server."""
    ec2.start_instances(tag=tag)
