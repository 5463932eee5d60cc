"""Times of schedules, and business days."""
