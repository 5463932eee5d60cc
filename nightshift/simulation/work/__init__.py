"""Work that flows start in a simulation: tasks, jobs, functions and state machines."""
