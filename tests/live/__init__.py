"""Tests that run statements on real servers."""
