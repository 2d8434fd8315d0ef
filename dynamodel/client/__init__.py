"""Clients: they run operations over a transport."""

from dynamodel.client.sync import Client, connect

__all__ = ["Client", "connect"]
