using System.Text;
using System.Text.RegularExpressions;

namespace AdminPortal.Domain.Elements;

/// <summary>
/// An Infusionsoft tenant host in its one form: lower case, bare, <c>{label}.infusionsoft.com</c>
/// (platform contract, section 2, "a safe rule").
/// </summary>
public readonly partial record struct AccountServer
{
    /// <summary>The longest input that is looked at: a DNS name's length and a scheme.</summary>
    public const int MaxInputLength = 262;

    private const string Domain = ".infusionsoft.com";

    private static readonly HashSet<string> Reserved =
        ["www", "api", "signin", "accounts", "developer", "keys", "help", "community"];

    private AccountServer(string host) => Host = host;

    /// <summary>The bare host, for example <c>dt123.infusionsoft.com</c>.</summary>
    public string Host { get; }

    /// <summary>Whether the name looks like the usual two letters and digits; older accounts have other names.</summary>
    public bool LooksUsual => UsualHost().IsMatch(Host);

    /// <inheritdoc />
    public override string ToString() => Host;

    /// <summary>Reads what a person typed or pasted.</summary>
    /// <param name="input">A bare host or an https address of it, in any case, with or without a trailing slash.</param>
    /// <param name="server">The server, when the answer is true.</param>
    /// <param name="refusal">Why not, when the answer is false.</param>
    public static bool TryParse(string? input, out AccountServer server, out AccountServerRefusal refusal)
    {
        server = default;
        refusal = default;
        var text = (input ?? "").Trim();
        if (text.Length == 0) return Refuse(AccountServerProblem.Empty, out refusal);
        if (text.Length > MaxInputLength) return Refuse(AccountServerProblem.TooLong, out refusal);
        if (!Ascii.IsValid(text)) return Refuse(AccountServerProblem.NotAscii, out refusal);
        if (text.AsSpan().ContainsAnyExceptInRange('!', '~')) return Refuse(AccountServerProblem.Blank, out refusal);

        text = text.ToLowerInvariant();
        if (text.Contains("://", StringComparison.Ordinal))
        {
            if (text.StartsWith("http://", StringComparison.Ordinal)) return Refuse(AccountServerProblem.Http, out refusal);
            if (!text.StartsWith("https://", StringComparison.Ordinal)) return Refuse(AccountServerProblem.OtherScheme, out refusal);
            text = text["https://".Length..];
        }

        if (text.EndsWith('/')) text = text[..^1];
        if (text.Length == 0) return Refuse(AccountServerProblem.Empty, out refusal);
        if (text.Contains('@')) return Refuse(AccountServerProblem.UserInfo, out refusal);
        if (text.AsSpan().ContainsAny('/', '\\', '?') || text.Contains('#')) return Refuse(AccountServerProblem.Path, out refusal);
        if (text.Contains(':')) return Refuse(AccountServerProblem.Port, out refusal);
        if (!text.Contains('.'))
        {
            return Label().IsMatch(text) && !Reserved.Contains(text)
                ? Refuse(AccountServerProblem.NoDomain, out refusal, text + Domain)
                : Refuse(AccountServerProblem.NoDomain, out refusal);
        }

        if (!text.EndsWith(Domain, StringComparison.Ordinal))
        {
            if (text == Domain[1..]) return Refuse(AccountServerProblem.Reserved, out refusal);
            var lookalike = text.Contains("infusionsoft.com", StringComparison.Ordinal) && !text.EndsWith('.');
            return Refuse(lookalike ? AccountServerProblem.Lookalike : AccountServerProblem.OtherDomain, out refusal);
        }

        var label = text[..^Domain.Length];
        if (label.Contains('.')) return Refuse(AccountServerProblem.TooManyLabels, out refusal);
        if (label.StartsWith("xn--", StringComparison.Ordinal)) return Refuse(AccountServerProblem.Punycode, out refusal);
        if (Reserved.Contains(label)) return Refuse(AccountServerProblem.Reserved, out refusal);
        if (!Label().IsMatch(label)) return Refuse(AccountServerProblem.BadName, out refusal);

        server = new AccountServer(text);
        return true;
    }

    private static bool Refuse(AccountServerProblem problem, out AccountServerRefusal refusal, string? suggestion = null)
    {
        refusal = new AccountServerRefusal(problem, suggestion);
        return false;
    }

    [GeneratedRegex("^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$", RegexOptions.CultureInvariant)]
    private static partial Regex Label();

    [GeneratedRegex(@"^[a-z]{2}\d{3,}\.", RegexOptions.CultureInvariant)]
    private static partial Regex UsualHost();
}
