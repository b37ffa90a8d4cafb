namespace AdminPortal.Provisioning.Record;

/// <summary>The configured directory for anchors does not exist or cannot be read, so that the record cannot be compared with them.</summary>
/// <param name="message">What is wrong and what to do.</param>
public sealed class AnchorsAwayException(string message) : Exception(message);
