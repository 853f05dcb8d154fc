"""Operator settings (S2's 系统设置): values that may change while the system runs, with their history."""
