"""Tests of campaigns and disposition trees."""
