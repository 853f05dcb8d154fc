"""HTTP about the process itself: health, metrics, time, the API's documentation page."""
