using AdminPortal.Domain.Text;

namespace AdminPortal.Provisioning.Attempts.Consent;

/// <summary>What the pre-flight has to be told of the person's side: the browser, the proxy before it, what was accepted.</summary>
public sealed record PreflightContext
{
    /// <summary>Nobody is there to be asked: no browser is known, and warnings stop nothing.</summary>
    public static PreflightContext Unattended { get; } = new() { AcceptsEverything = true };

    /// <summary>The portal's address as the person's browser has it; null where none is known.</summary>
    public string? BrowserAddress { get; init; }

    /// <summary>The scheme and the host that a proxy says the page was asked for under; null where it said nothing.</summary>
    public ForwardedAddress? Forwarded { get; init; }

    /// <summary>The warnings, by <see cref="CheckLine.Key"/>, with which the person wants to leave all the same.</summary>
    public IReadOnlyCollection<string> Accepted { get; init; } = [];

    /// <summary>Whether every warning is accepted, whatever it is.</summary>
    public bool AcceptsEverything { get; init; }

    internal bool Accepts(CheckLine warning) => AcceptsEverything || Accepted.Contains(warning.Key);
}

/// <summary>What <c>X-Forwarded-Proto</c> and <c>X-Forwarded-Host</c> said of the request for the page.</summary>
/// <param name="Scheme">The scheme; null where it did not come.</param>
/// <param name="Host">The host, with a port where one is given; null where it did not come.</param>
public sealed record ForwardedAddress(string? Scheme, string? Host)
{
    private const int MaxLength = 300;

    /// <summary>Reads the headers, of which the first of several values is the one that the browser met; null where neither came.</summary>
    public static ForwardedAddress? Read(string? proto, string? host)
    {
        var read = new ForwardedAddress(First(proto), First(host));
        return read is { Scheme: null, Host: null } ? null : read;
    }

    private static string? First(string? values) => OutsideText.Clean(values?.Split(',')[0], MaxLength);
}

/// <summary>What came of pressing "Authorize".</summary>
/// <param name="Lines">What was checked, line by line.</param>
/// <param name="MayLeave">Whether the attempt awaits consent now; otherwise nothing was changed.</param>
/// <param name="Asks">The warnings that nobody has accepted yet, where nothing else stands in the way.</param>
public sealed record Authorization(IReadOnlyList<CheckLine> Lines, bool MayLeave, IReadOnlyList<CheckLine> Asks);
