"""The engines the compiler's output is judged by; each runs a flow in a `World` and tells its `Outcome`."""
