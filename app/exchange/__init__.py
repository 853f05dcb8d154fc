"""Import and export of what the registrar keeps: files in, checked before anything changes; files out."""
