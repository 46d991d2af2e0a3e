"""Tests of quick replies."""
