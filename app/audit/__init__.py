"""The request audit log (S2's 前台日志 and 后台日志): who asked for what, from where, and what was answered."""
