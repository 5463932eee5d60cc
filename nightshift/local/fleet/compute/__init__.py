"""What ECS, Batch and Glue do and moto does not: tasks and jobs over time. Importing this package registers it."""

from nightshift.local.fleet.compute import batch_jobs, ecs_services, ecs_tasks, glue_jobs

__all__ = ["batch_jobs", "ecs_services", "ecs_tasks", "glue_jobs"]
