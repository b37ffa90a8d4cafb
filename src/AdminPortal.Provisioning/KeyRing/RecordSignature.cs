using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using AdminPortal.Domain.Keys;

namespace AdminPortal.Provisioning.KeyRing;

/// <summary>
/// Signs what vouches for the record with the private key of the key ring's certificate: RSA-PSS with SHA-256.
/// </summary>
/// <remarks>
/// Sealing with the key ring is not enough. A certificate wraps keys with its public half, which each wrapped entry
/// contains: anyone with the database file can add a key ring entry of their own that the portal opens, and seal with it.
/// </remarks>
internal static class RecordSignature
{
    /// <summary>Signs a text with the current certificate; null where none is configured or it has no RSA key.</summary>
    public static byte[]? Sign(X509Certificate2? certificate, string text)
    {
        using var key = certificate?.GetRSAPrivateKey();
        return key?.SignData(Encoding.UTF8.GetBytes(text), HashAlgorithmName.SHA256, RSASignaturePadding.Pss);
    }

    /// <summary>The signature of a key ring entry, in Base64; null where no certificate is configured.</summary>
    public static string? SignEntry(X509Certificate2? certificate, string xml) =>
        Sign(certificate, KeyRingEntry.SignedText(xml)) is { } signature ? Convert.ToBase64String(signature) : null;

    /// <summary>The certificate of the given ones that signed a text; null where none did.</summary>
    public static X509Certificate2? FindSigner(IEnumerable<X509Certificate2?> certificates, string text, byte[]? signature)
    {
        if (signature is null) return null;
        var bytes = Encoding.UTF8.GetBytes(text);
        foreach (var certificate in certificates)
        {
            using var key = certificate?.GetRSAPublicKey();
            if (key?.VerifyData(bytes, signature, HashAlgorithmName.SHA256, RSASignaturePadding.Pss) == true) return certificate;
        }

        return null;
    }

    /// <summary>The same for the certificates that are configured.</summary>
    public static X509Certificate2? FindSigner(KeyRingCertificates certificates, string text, byte[]? signature) =>
        FindSigner([certificates.Current, certificates.Previous], text, signature);
}
