"""HTTP of imports and exports."""
