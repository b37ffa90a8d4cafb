namespace AdminPortal.Provisioning.Attempts.Consent;

/// <summary>What the provider's redirect brought, as it stood in the query.</summary>
/// <param name="Code">The one-time code.</param>
/// <param name="State">The state that was sent.</param>
/// <param name="Error">An error instead of a code.</param>
/// <param name="ErrorDescription">The error's text.</param>
/// <param name="Scope">The scope; it names the tenant as <c>full|{host}</c>.</param>
/// <param name="BrowserValue">The value of the cookie that was set when the person left.</param>
public sealed record Callback(string? Code, string? State, string? Error, string? ErrorDescription, string? Scope, string? BrowserValue)
{
    public const int MaxCodeLength = 512;

    /// <summary>Never prints what it holds.</summary>
    public override string ToString() => nameof(Callback);
}

/// <summary>Where a callback leads.</summary>
public abstract record CallbackOutcome
{
    private CallbackOutcome()
    {
    }

    /// <summary>To the attempt's page.</summary>
    /// <param name="AttemptId">The attempt.</param>
    /// <param name="Again">Whether this callback had been there before: it changed nothing.</param>
    public sealed record Attempt(Guid AttemptId, bool Again) : CallbackOutcome;

    /// <summary>The state is known but another browser left with it; nothing was changed.</summary>
    public sealed record OtherBrowser(Guid AttemptId) : CallbackOutcome;

    /// <summary>No attempt has this state, or there was none in the query.</summary>
    public sealed record UnknownState : CallbackOutcome;

    /// <summary>Neither a code nor an error came with the state; nothing was changed.</summary>
    public sealed record Incomplete : CallbackOutcome;
}
