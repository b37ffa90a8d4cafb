namespace AdminPortal.Ui;

/// <summary>Parses a query parameter. The text is neither empty nor blank.</summary>
/// <returns>False for a text that is not valid.</returns>
internal delegate bool QueryParser<T>(string text, out T? value);

/// <summary>How the value of a query parameter is parsed and written.</summary>
/// <param name="TryParse">Parses it.</param>
/// <param name="Write">Writes it; null for a value that is left out.</param>
/// <param name="Expected">What a valid text is, for an answer to a text that is not.</param>
internal sealed record QueryFormat<T>(QueryParser<T> TryParse, Func<T, string?> Write, ExpectedValue Expected);
