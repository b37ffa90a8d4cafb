using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using AdminPortal.Domain.Settings;
using Microsoft.AspNetCore.DataProtection;

namespace AdminPortal.Provisioning.KeyRing;

/// <summary>The certificates that wrap and open the key ring.</summary>
/// <param name="Current">The one that wraps keys; null where none is configured.</param>
/// <param name="Previous">One that still opens keys that were wrapped by it; null where none is configured.</param>
/// <param name="Problems">What is wrong with the settings, a sentence each.</param>
internal sealed record KeyRingCertificates(X509Certificate2? Current, X509Certificate2? Previous, IReadOnlyList<string> Problems)
{
    /// <summary>Loads what is configured. What cannot be loaded is a problem, never an exception.</summary>
    public static KeyRingCertificates Load(KeyRingOptions options)
    {
        List<string> problems = [];
        return new KeyRingCertificates(
            Load("CertificatePath", options.CertificatePath, "CertificatePassword", options.CertificatePassword, problems),
            Load("PreviousCertificatePath", options.PreviousCertificatePath, "PreviousCertificatePassword", options.PreviousCertificatePassword, problems),
            problems);
    }

    private static X509Certificate2? Load(string pathKey, string path, string passwordKey, string password, List<string> problems)
    {
        if (path.Length == 0) return null;
        if (!File.Exists(path))
        {
            problems.Add($"Portal:KeyRing:{pathKey} names a file that is not there. Set it to a PKCS#12 file (.pfx) that the portal may read.");
            return null;
        }

        try
        {
            var certificate = X509CertificateLoader.LoadPkcs12FromFile(path, password);
            if (certificate.HasPrivateKey) return certificate;
            problems.Add($"Portal:KeyRing:{pathKey} names a file without a private key, and without it no key opens. Set it to a PKCS#12 file (.pfx) that holds both.");
        }
        catch (CryptographicException)
        {
            problems.Add($"Portal:KeyRing:{pathKey} names a file that does not open. It has to be a PKCS#12 file (.pfx), and Portal:KeyRing:{passwordKey} its password.");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            problems.Add($"Portal:KeyRing:{pathKey} names a file that the portal may not read. Give it the right to.");
        }

        return null;
    }
}

internal static class KeyRingProtection
{
    /// <summary>Wraps new keys with the current certificate, and opens those that either of them wrapped.</summary>
    public static IDataProtectionBuilder ProtectWith(this IDataProtectionBuilder protection, KeyRingCertificates certificates)
    {
        if (certificates.Current is { } current) protection.ProtectKeysWithCertificate(current);
        X509Certificate2[] opening = [.. new[] { certificates.Current, certificates.Previous }.OfType<X509Certificate2>()];
        return opening.Length == 0 ? protection : protection.UnprotectKeysWithAnyCertificate(opening);
    }
}
