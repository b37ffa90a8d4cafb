namespace AdminPortal.Domain.Secrets;

/// <summary>A sealed value did not open. The message names the kind and the row, never the value.</summary>
public sealed class SecretUnreadableException : Exception
{
    public SecretUnreadableException()
    {
    }

    public SecretUnreadableException(string message)
        : base(message)
    {
    }

    public SecretUnreadableException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
