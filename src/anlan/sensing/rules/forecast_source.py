"""Who tells the rules of forecasts. The default knows none; whoever keeps forecasts names its reader at start-up."""

from __future__ import annotations

from anlan.ruleset.forecasts import ForecastReader, NoForecasts

_reader: ForecastReader = NoForecasts()


def forecast_reader() -> ForecastReader:
    return _reader


def use_forecast_reader(reader: ForecastReader) -> ForecastReader:
    """Take this reader from now on; returns the former one."""
    global _reader
    former, _reader = _reader, reader
    return former
