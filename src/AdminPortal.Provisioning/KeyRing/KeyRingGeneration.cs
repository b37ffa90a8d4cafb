using System.Collections.Concurrent;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.DataProtection.Repositories;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace AdminPortal.Provisioning.KeyRing;

/// <summary>
/// The key ring as it was read at one moment, with the certificates of that moment. It is never changed; the next one
/// takes its place.
/// </summary>
internal sealed class KeyRingGeneration
{
    // Of ids that nobody knows, and that anybody may send in a cookie, no more than this are remembered.
    private const int MostMissing = 10_000;

    private readonly ConcurrentDictionary<Guid, bool> _missing = new();
    private readonly HashSet<Guid> _ids;

    public KeyRingGeneration(IXmlRepository store, string stamp, X509Certificate2? wrapsWith, IReadOnlyList<X509Certificate2> opensWith, KeyManagementOptions like, ILoggerFactory loggers)
    {
        Stamp = stamp;
        WrapsWith = wrapsWith;
        OpensWith = opensWith;
        var services = new ServiceCollection();
        services.AddSingleton(loggers);
        services.AddSingleton(typeof(ILogger<>), typeof(Logger<>));
        var protection = services.AddDataProtection().SetApplicationName(KeyRingProbe.ApplicationName);
        if (wrapsWith is not null) protection.ProtectKeysWithCertificate(wrapsWith);
        if (opensWith.Count > 0) protection.UnprotectKeysWithAnyCertificate([.. opensWith]);
        services.Configure<KeyManagementOptions>(keys =>
        {
            keys.XmlRepository = store;
            keys.AutoGenerateKeys = like.AutoGenerateKeys;
            keys.NewKeyLifetime = like.NewKeyLifetime;
        });
        Services = services.BuildServiceProvider();
        Provider = Services.GetRequiredService<IDataProtectionProvider>();
        Manager = Services.GetRequiredService<IKeyManager>();
        Keys = [.. Manager.GetAllKeys().Select(key => new StoredKey(key.KeyId, key.CreationDate, CanOpen(key)))];
        _ids = [.. Keys.Select(key => key.Id)];
    }

    /// <summary>Tells this ring from every other.</summary>
    public string Stamp { get; }

    public X509Certificate2? WrapsWith { get; }

    public IReadOnlyList<X509Certificate2> OpensWith { get; }

    public ServiceProvider Services { get; }

    public IDataProtectionProvider Provider { get; }

    public IKeyManager Manager { get; }

    public IReadOnlyList<StoredKey> Keys { get; }

    public bool Knows(Guid key) => _ids.Contains(key);

    /// <summary>Whether the database was asked for this key already, and did not have it.</summary>
    public bool IsMissing(Guid key) => _missing.ContainsKey(key);

    public void Miss(Guid key)
    {
        if (_missing.Count >= MostMissing) _missing.Clear();
        _missing[key] = true;
    }

    private static bool CanOpen(IKey key)
    {
        try
        {
            return key.CreateEncryptor() is not null;
        }
#pragma warning disable CA1031 // A damaged key makes the framework throw whatever its readers throw.
        catch (Exception)
#pragma warning restore CA1031
        {
            return false;
        }
    }
}
