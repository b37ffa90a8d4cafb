namespace AdminPortal.Domain.Attempts;

/// <summary>An event that the attempt's state does not allow: a bug or a lost race, never an expected outcome.</summary>
public sealed class IllegalTransitionException : InvalidOperationException
{
    public IllegalTransitionException()
    {
    }

    public IllegalTransitionException(string message)
        : base(message)
    {
    }

    public IllegalTransitionException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    internal IllegalTransitionException(AttemptState state, AttemptEvent happened)
        : base($"An attempt in state {state} cannot take the event {happened}.")
    {
    }
}
