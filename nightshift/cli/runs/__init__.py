"""Commands about single runs: stop, redrive, follow, logs; and what people call the resources in them."""
