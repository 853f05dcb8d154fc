"""HTTP of identity: login, refresh, logout, password, who am I; and the guards other blueprints use."""
