namespace AdminPortal.Domain.Text;

/// <summary>The one rule for addresses that the portal is given: https, or http on loopback where that is allowed.</summary>
public static class WebAddress
{
    /// <summary>The longest address that is looked at.</summary>
    public const int MaxLength = 2000;

    /// <summary>Reads an address that may have a path and a query.</summary>
    public static bool TryParse(string? text, bool allowLoopbackHttp, out Uri address, out WebAddressProblem problem)
    {
        address = null!;
        text = text?.Trim() ?? "";
        if (text.Length is 0 or > MaxLength
            || !Uri.TryCreate(text, UriKind.Absolute, out var parsed)
            || !(parsed.Scheme == Uri.UriSchemeHttps || parsed.Scheme == Uri.UriSchemeHttp)
            || parsed.HostNameType == UriHostNameType.Unknown
            || text.AsSpan().ContainsAnyExceptInRange('!', '~'))
        {
            problem = WebAddressProblem.NotAnAddress;
            return false;
        }

        if (parsed.UserInfo.Length > 0 || parsed.Fragment.Length > 0)
        {
            problem = WebAddressProblem.HasExtras;
            return false;
        }

        if (parsed.Scheme != Uri.UriSchemeHttps && !(allowLoopbackHttp && parsed.IsLoopback))
        {
            problem = WebAddressProblem.NotHttps;
            return false;
        }

        address = parsed;
        problem = default;
        return true;
    }

    /// <summary>Reads an address that has no path and no query: scheme, host, port.</summary>
    public static bool TryParseRoot(string? text, bool allowLoopbackHttp, out Uri address, out WebAddressProblem problem)
    {
        if (!TryParse(text, allowLoopbackHttp, out address, out problem)) return false;
        if (address.PathAndQuery == "/") return true;
        problem = WebAddressProblem.HasPath;
        return false;
    }
}

/// <summary>Why a text is not taken as an address.</summary>
public enum WebAddressProblem
{
    NotAnAddress,
    HasExtras,
    NotHttps,
    HasPath,
}
