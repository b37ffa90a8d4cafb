namespace AdminPortal.Features.Reveals;

/// <summary>What a person came away with from the dialog for a token.</summary>
public enum RevealOutcome
{
    /// <summary>With nothing.</summary>
    None,

    /// <summary>The token is on the page, or in the clipboard.</summary>
    Given,

    /// <summary>Somebody else was asked to approve.</summary>
    Asked,
}
