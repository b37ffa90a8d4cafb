using System.Security.Cryptography;
using System.Text;
using AdminPortal.Provisioning.Secrets;

namespace AdminPortal.Provisioning.ApiTokens;

/// <summary>The value of an API token: 256 random bits behind a prefix by which programs that look for leaked secrets know it.</summary>
public static class ApiTokenValue
{
    public const string Prefix = "apt_";

    /// <summary>A fresh value.</summary>
    public static string Create() => Prefix + OneTimeValue.Create();

    /// <summary>Whether a text has the form of a value; only then is it worth looking up.</summary>
    public static bool HasForm(string? text) =>
        text is not null && text.StartsWith(Prefix, StringComparison.Ordinal) && OneTimeValue.HasForm(text[Prefix.Length..]);

    /// <summary>SHA-256 of a value, prefix included.</summary>
    public static byte[] Hash(string value) => SHA256.HashData(Encoding.ASCII.GetBytes(value));
}
