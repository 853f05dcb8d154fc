"""The baseline (b): booking as a competent engineer writes it in an afternoon. Right, durable, and one by one."""
