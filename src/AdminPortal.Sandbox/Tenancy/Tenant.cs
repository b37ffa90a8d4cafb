using System.Security.Cryptography;
using System.Text;

namespace AdminPortal.Sandbox.Tenancy;

/// <summary>The one organization that the sandbox knows: its instances, and the codes that were issued and not used yet.</summary>
internal sealed class Tenant
{
    private readonly Lock _gate = new();
    private readonly SortedDictionary<long, Instance> _instances = [];
    private readonly Dictionary<string, IssuedCode> _codes = new(StringComparer.Ordinal);
    private readonly Identifiers _identifiers;
    private readonly SandboxClock _clock;
    private readonly TenantFile _file;
    private long _lastInstanceId = 480_000;
    private long _lastConfigurationId = 9_000_000;

    public Tenant(Identifiers identifiers, SandboxClock clock, TenantFile file)
    {
        _identifiers = identifiers;
        _clock = clock;
        _file = file;
        if (file.Load() is not { } snapshot)
            return;
        foreach (var instance in snapshot.Instances)
            _instances[instance.Id] = instance;
        foreach (var code in snapshot.Codes)
            _codes[code.Hash] = code;
        _lastInstanceId = Math.Max(_lastInstanceId, snapshot.LastInstanceId);
        _lastConfigurationId = Math.Max(_lastConfigurationId, snapshot.LastConfigurationId);
        identifiers.ContinueAfter(snapshot.Drawn);
    }

    public int Count
    {
        get
        {
            lock (_gate)
                return _instances.Count;
        }
    }

    /// <summary>All instances, by id.</summary>
    public IReadOnlyList<Instance> Instances()
    {
        lock (_gate)
            return [.. _instances.Values];
    }

    public Instance? Find(long id)
    {
        lock (_gate)
            return _instances.GetValueOrDefault(id);
    }

    public Instance? FindByToken(string token)
    {
        lock (_gate)
            return _instances.Values.FirstOrDefault(instance => instance.Token == token);
    }

    /// <param name="make">Makes the instance from its new id.</param>
    public Instance Add(Func<long, Instance> make)
    {
        lock (_gate)
        {
            _lastInstanceId += _identifiers.InstanceIdStep();
            var instance = make(_lastInstanceId);
            _instances.Add(instance.Id, instance);
            Save();
            return instance;
        }
    }

    /// <returns>The instance after the change; null when there is none of this id.</returns>
    public Instance? Change(long id, Func<Instance, Instance> change)
    {
        lock (_gate)
        {
            if (!_instances.TryGetValue(id, out var instance))
                return null;
            var changed = change(instance);
            if (ReferenceEquals(changed, instance))
                return instance;
            changed = changed with { UpdatedDate = _clock.GetUtcNow() };
            _instances[id] = changed;
            Save();
            return changed;
        }
    }

    public bool Remove(long id)
    {
        lock (_gate)
        {
            if (!_instances.Remove(id))
                return false;
            Save();
            return true;
        }
    }

    public long NextConfigurationId()
    {
        lock (_gate)
            return ++_lastConfigurationId;
    }

    /// <returns>A fresh code that can be used once, with this client id and redirect URI, while it is young.</returns>
    public string IssueCode(string clientId, string redirectUri, string accountHost)
    {
        var code = _identifiers.AuthorizationCode();
        var issued = new IssuedCode(HashOf(code), clientId, redirectUri, accountHost, _clock.GetUtcNow());
        lock (_gate)
        {
            foreach (var old in _codes.Values.Where(old => _clock.GetUtcNow() - old.IssuedAt > IssuedCode.Lifetime).ToArray())
                _codes.Remove(old.Hash);
            _codes[issued.Hash] = issued;
            Save();
        }

        return code;
    }

    /// <summary>Takes a code out of circulation, whatever comes of it: a code is never good for a second try.</summary>
    /// <returns>What it was issued for; null when it is unknown, used or too old.</returns>
    public IssuedCode? SpendCode(string code)
    {
        lock (_gate)
        {
            if (!_codes.Remove(HashOf(code), out var issued))
                return null;
            Save();
            return _clock.GetUtcNow() - issued.IssuedAt <= IssuedCode.Lifetime ? issued : null;
        }
    }

    private static string HashOf(string code) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(code)));

    // Under the lock: two writers would race for the file as well.
    private void Save() => _file.Save(new TenantSnapshot
    {
        LastInstanceId = _lastInstanceId,
        LastConfigurationId = _lastConfigurationId,
        Instances = [.. _instances.Values],
        Codes = [.. _codes.Values],
        Drawn = _identifiers.Drawn(),
    });
}
