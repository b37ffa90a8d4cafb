using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Xml;
using System.Xml.Linq;
using AdminPortal.Domain.Keys;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.XmlEncryption;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace AdminPortal.Provisioning.KeyRing;

/// <summary>An entry of the key ring as XML, in the form that Data Protection gives it: what is secret in it can be wrapped and unwrapped.</summary>
internal static class KeyXml
{
    private static readonly XNamespace Protection = "http://schemas.asp.net/2015/03/dataProtection";
    private static readonly XNamespace Signature = "http://www.w3.org/2000/09/xmldsig#";
    private static readonly XName EncryptedSecret = Protection + "encryptedSecret";
    private static readonly XName RequiresEncryption = Protection + "requiresEncryption";

    /// <summary>The entry; null where it is not XML any more.</summary>
    public static XElement? Read(KeyRingEntry entry) => Read(entry.Xml);

    /// <summary>The same for an entry's text.</summary>
    public static XElement? Read(string text)
    {
        try
        {
            return XElement.Parse(text);
        }
        catch (XmlException)
        {
            return null;
        }
    }

    /// <summary>The key's id and time; null for what is no key, as a revocation.</summary>
    public static (Guid Id, DateTimeOffset CreatedAt)? FindKey(XElement entry) =>
        entry.Name.LocalName == "key" && Guid.TryParse((string?)entry.Attribute("id"), out var id)
            && DateTimeOffset.TryParse((string?)entry.Element("creationDate"), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var created)
            ? (id, created)
            : null;

    /// <summary>The certificate that wraps the entry; null where it is not wrapped by one.</summary>
    public static X509Certificate2? FindWrap(XElement entry)
    {
        if (entry.Descendants(Signature + "X509Certificate").FirstOrDefault() is not { } certificate) return null;
        try
        {
            return X509CertificateLoader.LoadCertificate(Convert.FromBase64String(certificate.Value));
        }
        catch (Exception exception) when (exception is FormatException or CryptographicException)
        {
            return null;
        }
    }

    /// <summary>The entry with its secrets in the open; null where they do not open with any of the certificates.</summary>
    public static XElement? Unwrap(XElement entry, IReadOnlyList<X509Certificate2> certificates)
    {
        var plain = new XElement(entry);
        var wrapped = plain.Descendants(EncryptedSecret).ToList();
        if (wrapped.Count == 0) return plain;
        if (certificates.Count == 0) return null;
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddDataProtection().UnprotectKeysWithAnyCertificate([.. certificates]);
        using var provider = services.BuildServiceProvider();
        var decryptor = new EncryptedXmlDecryptor(provider);
        try
        {
            foreach (var secret in wrapped) secret.ReplaceWith(decryptor.Decrypt(secret.Elements().Single()));
            return plain;
        }
        catch (Exception exception) when (exception is CryptographicException or InvalidOperationException or XmlException)
        {
            return null;
        }
    }

    /// <summary>Whether two entries in the open hold the same, whatever their comments and prefixes are.</summary>
    public static bool AreSame(XElement one, XElement other) => XNode.DeepEquals(Bare(one), Bare(other));

    /// <summary>An entry whose secrets are in the open, wrapped by a certificate.</summary>
    public static XElement Wrap(XElement plain, X509Certificate2 certificate, ILoggerFactory loggers)
    {
        var wrapped = new XElement(plain);
        var encryptor = new CertificateXmlEncryptor(certificate, loggers);
        foreach (var secret in wrapped.Descendants().Where(element => (bool?)element.Attribute(RequiresEncryption) == true).ToList())
        {
            var made = encryptor.Encrypt(new XElement(secret));
            secret.ReplaceWith(new XElement(EncryptedSecret, new XAttribute("decryptorType", made.DecryptorType.AssemblyQualifiedName!), made.EncryptedElement));
        }

        return wrapped;
    }

    private static XElement Bare(XElement entry)
    {
        var bare = new XElement(entry);
        bare.DescendantNodes().OfType<XComment>().Remove();
        bare.DescendantsAndSelf().Attributes().Where(attribute => attribute.IsNamespaceDeclaration).Remove();
        return bare;
    }
}
