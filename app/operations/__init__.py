"""What operators see and do: the state of every host and of the engine, the public status, dead letters, reconciliation."""
