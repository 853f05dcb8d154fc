"""Live delivery: events over WebSocket. Events are hints; polling is always behind them."""
