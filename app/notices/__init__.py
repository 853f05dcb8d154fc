"""Notices (通知): what the office and the system have to say to everybody, a college, a grade, a class or one person."""
