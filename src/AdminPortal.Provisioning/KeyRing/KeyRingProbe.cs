using System.Security.Cryptography;
using System.Xml;
using System.Xml.Linq;
using AdminPortal.Domain.Activity;
using AdminPortal.Domain.Keys;
using AdminPortal.Domain.Secrets;
using AdminPortal.Provisioning.Secrets;
using AdminPortal.Storage;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.DataProtection.Repositories;
using Microsoft.Extensions.DependencyInjection;

namespace AdminPortal.Provisioning.KeyRing;

/// <summary>
/// Opens values with a key ring as it was read, without ever writing to it. The portal's own provider makes a new key
/// when none of the stored ones opens, and that would be one key ring more that nobody asked for.
/// </summary>
internal sealed class KeyRingProbe : IDisposable
{
    /// <summary>Part of what every secret is sealed with: changing it makes all of them unreadable.</summary>
    public const string ApplicationName = "AdminPortal";

    /// <summary>The known value of a database whose record is not marked: see <c>RecordMarks.CanaryText</c>.</summary>
    public const string CanaryText = "The key ring opens.";

    private readonly ServiceProvider _services;
    private readonly IDataProtectionProvider _protection;

    private KeyRingProbe(IReadOnlyList<XElement> elements, KeyRingCertificates certificates)
    {
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddDataProtection().SetApplicationName(ApplicationName).ProtectWith(certificates);
        services.Configure<KeyManagementOptions>(keys =>
        {
            keys.XmlRepository = new Stored(elements);
            keys.AutoGenerateKeys = false;
        });
        _services = services.BuildServiceProvider();
        _protection = _services.GetRequiredService<IDataProtectionProvider>();
        Box = new SecretBox(_protection);
        Former = new FormerSecretBox(_protection);
    }

    /// <summary>Seals and opens with this key ring.</summary>
    public IDataProtectionProvider Protection => _protection;

    /// <summary>Opens stored secrets with this key ring.</summary>
    public ISecretBox Box { get; }

    /// <summary>Opens secrets as the first release sealed them.</summary>
    public FormerSecretBox Former { get; }

    /// <summary>A probe over the entries of a key ring.</summary>
    /// <param name="entries">The stored entries.</param>
    /// <param name="certificates">What is configured to open them.</param>
    /// <param name="broken">The number of an entry that is not XML any more; then there is no probe.</param>
    public static KeyRingProbe? Over(IEnumerable<KeyRingEntry> entries, KeyRingCertificates certificates, out int? broken)
    {
        List<XElement> elements = [];
        foreach (var entry in entries)
        {
            try
            {
                elements.Add(XElement.Parse(entry.Xml));
            }
            catch (XmlException)
            {
                broken = entry.Id;
                return null;
            }
        }

        broken = null;
        return new KeyRingProbe(elements, certificates);
    }

    /// <summary>The known value, sealed; for the provider that the portal works with.</summary>
    public static string Seal(IDataProtectionProvider protection, string text = CanaryText) => Protector(protection).Protect(text);

    /// <summary>The plain text of a known value; null where it does not open.</summary>
    public static string? Read(IDataProtectionProvider protection, KeyRingCanary canary)
    {
        try
        {
            return Protector(protection).Unprotect(canary.Value);
        }
        catch (Exception exception) when (exception is CryptographicException or FormatException)
        {
            return null;
        }
    }

    /// <summary>Whether the known value opens.</summary>
    public bool Opens(KeyRingCanary canary) => Opens(() => Protector(_protection).Unprotect(canary.Value));

    /// <summary>Whether a stored secret opens.</summary>
    public bool Opens(StoredSecret stored) => stored.Destination is { } destination && Opens(() => Box.Open(stored.Secret, destination));

    /// <summary>The key of the activity record.</summary>
    /// <exception cref="SecretUnreadableException">It does not open.</exception>
    public byte[] ReadKey(ActivityHead head)
    {
        byte[] key = [];
        if (Opens(() => Convert.ToHexString(key = Box.OpenRecordKey(head)))) return key;
        // Sealed by the first release: the next start seals it again.
        if (Former.Find(head.KeyOf) is { } text && Opens(() => Convert.ToHexString(key = Convert.FromBase64String(text)))) return key;
        throw new SecretUnreadableException("The key of the record does not open.");
    }

    /// <summary>Whether a stored secret opens as the first release sealed it: the next start seals it again.</summary>
    public bool OpensFormer(StoredSecret stored) => Former.Find(stored.Secret) is not null;

    public void Dispose() => _services.Dispose();

    private static bool Opens(Func<string> open)
    {
        try
        {
            _ = open();
            return true;
        }
#pragma warning disable CA1031 // Damaged keys make the framework throw whatever its readers throw.
        catch (Exception)
#pragma warning restore CA1031
        {
            return false;
        }
    }

    /// <summary>What the known value is sealed with.</summary>
    public static IDataProtector Protector(IDataProtectionProvider protection) => protection.CreateProtector("AdminPortal.KeyRing.Canary.v1");

    private sealed class Stored(IReadOnlyList<XElement> elements) : IXmlRepository
    {
        public IReadOnlyCollection<XElement> GetAllElements() => [.. elements.Select(element => new XElement(element))];

        public void StoreElement(XElement element, string friendlyName)
        {
            // A probe keeps nothing.
        }
    }
}
