from lambdas.parts import s3
from nightshift import flow


@flow(timeout="30m")
def clear_the_inbox(bucket: str, day: str) -> int:
    """Delete what was delivered on a day, but never more than a day can bring."""
    cleared = s3.delete_object(bucket=bucket, prefix=f"inbox/{day}/", limit=5000)
    s3.delete_object(bucket=bucket, key=["inbox/_lock", "inbox/*.tmp"], limit=100)
    return cleared.bytes
