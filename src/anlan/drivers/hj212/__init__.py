"""HJ 212-2005 and -2017, the protocol of pollution sources and of many plants that handle chemicals."""
