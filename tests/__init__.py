"""The project's tests; the folders mirror `src/atiende`. A package, so that `tests.bench` is not
taken for `bench`."""
