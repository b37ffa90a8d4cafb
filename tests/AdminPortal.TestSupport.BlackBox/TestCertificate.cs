using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace AdminPortal.TestSupport.BlackBox;

/// <summary>Creates certificates for a key ring.</summary>
public static class TestCertificate
{
    public const string Password = "pfx-password";

    /// <summary>Writes a self-signed certificate with its key as PKCS#12.</summary>
    /// <returns>The file's path.</returns>
    public static string Write(string folder, string name)
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UnixEpoch, new DateTimeOffset(2100, 1, 1, 0, 0, 0, TimeSpan.Zero));
        var file = Path.Combine(folder, name + ".pfx");
        File.WriteAllBytes(file, certificate.Export(X509ContentType.Pkcs12, Password));
        return file;
    }

    public static Dictionary<string, string?> Settings(string current, string? previous = null) => new()
    {
        ["Portal:KeyRing:CertificatePath"] = current,
        ["Portal:KeyRing:CertificatePassword"] = Password,
        ["Portal:KeyRing:PreviousCertificatePath"] = previous ?? "",
        ["Portal:KeyRing:PreviousCertificatePassword"] = previous is null ? "" : Password,
    };
}
