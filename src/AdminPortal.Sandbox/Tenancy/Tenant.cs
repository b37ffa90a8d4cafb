using System.Security.Cryptography;
using System.Text;

namespace AdminPortal.Sandbox.Tenancy;

/// <summary>The one organization that the sandbox knows: its instances, and the codes that were issued and not used yet.</summary>
internal sealed class Tenant
{
    private const int Slice = 256;

    private readonly Lock _gate = new();

    // By id. Ids only grow, so that a new instance goes to the end, a page is a search and a slice, and a hundred thousand stay small.
    private readonly List<Instance> _instances = [];
    private readonly Dictionary<string, long> _idsByToken = new(StringComparer.Ordinal);
    private readonly Dictionary<string, IssuedCode> _codes = new(StringComparer.Ordinal);

    // Those that are not found yet, or were not for a while.
    private readonly Dictionary<long, DateTimeOffset> _late = [];
    private readonly Identifiers _identifiers;
    private readonly SandboxClock _clock;
    private readonly TenantFile _file;
    private long _lastInstanceId = 480_000;
    private long _lastConfigurationId = 9_000_000;

    public Tenant(Identifiers identifiers, SandboxClock clock, TenantFile file, SandboxOptions options)
    {
        _identifiers = identifiers;
        _clock = clock;
        _file = file;
        if (file.Load() is not { } snapshot)
        {
            if (options.SeedInstances > 0)
                Take(SeededTenant.Of(options.SeedInstances, options.Seed ?? 0, clock.GetUtcNow()));
            return;
        }

        Take(snapshot);
        identifiers.ContinueAfter(snapshot.Drawn);
    }

    /// <summary>How many there are, without those that nobody finds yet.</summary>
    public int Count
    {
        get
        {
            var now = _clock.GetUtcNow();
            lock (_gate)
                return _instances.Count - _late.Values.Count(appears => appears > now);
        }
    }

    /// <summary>
    /// All instances above an id, in its order. They are taken in slices: whoever walks through all of them holds nobody up, and sees
    /// what is added and not what is deleted on the way.
    /// </summary>
    public IEnumerable<Instance> After(long id)
    {
        while (true)
        {
            Instance[] slice;
            lock (_gate)
            {
                var next = IndexOf(id + 1);
                var from = next < 0 ? ~next : next;
                slice = new Instance[Math.Min(Slice, _instances.Count - from)];
                _instances.CopyTo(from, slice, 0, slice.Length);
            }

            foreach (var instance in slice)
                yield return instance;
            if (slice.Length < Slice)
                yield break;
            id = slice[^1].Id;
        }
    }

    public Instance? Find(long id)
    {
        lock (_gate)
            return IndexOf(id) is >= 0 and var index ? _instances[index] : null;
    }

    public Instance? FindByToken(string token)
    {
        lock (_gate)
            return _idsByToken.TryGetValue(token, out var id) ? _instances[IndexOf(id)] : null;
    }

    /// <param name="make">Makes the instance from its new id.</param>
    public Instance Add(Func<long, Instance> make)
    {
        lock (_gate)
        {
            _lastInstanceId += _identifiers.InstanceIdStep();
            var instance = make(_lastInstanceId);
            _instances.Add(instance);
            _idsByToken[instance.Token] = instance.Id;
            if (instance.AppearsAt is { } appears)
                _late[instance.Id] = appears;
            Save();
            return instance;
        }
    }

    /// <returns>The instance after the change; null when there is none of this id.</returns>
    public Instance? Change(long id, Func<Instance, Instance> change)
    {
        lock (_gate)
        {
            var index = IndexOf(id);
            if (index < 0)
                return null;
            var instance = _instances[index];
            var changed = change(instance);
            if (ReferenceEquals(changed, instance))
                return instance;
            changed = changed with { UpdatedDate = _clock.GetUtcNow() };
            _instances[index] = changed;
            if (changed.Token != instance.Token)
            {
                _idsByToken.Remove(instance.Token);
                _idsByToken[changed.Token] = id;
            }

            Save();
            return changed;
        }
    }

    public bool Remove(long id)
    {
        lock (_gate)
        {
            var index = IndexOf(id);
            if (index < 0)
                return false;
            _idsByToken.Remove(_instances[index].Token);
            _instances.RemoveAt(index);
            _late.Remove(id);
            Save();
            return true;
        }
    }

    public long NextConfigurationId()
    {
        lock (_gate)
            return ++_lastConfigurationId;
    }

    /// <param name="clientId">The application that asked.</param>
    /// <param name="redirectUri">Where the code goes.</param>
    /// <param name="accountHost">The account that it is for.</param>
    /// <param name="state">The state that the consent was asked for with.</param>
    /// <param name="age">How old it is already; null for fresh.</param>
    /// <returns>A code that can be used once, with this client id and redirect URI, while it is young.</returns>
    public string IssueCode(string clientId, string redirectUri, string accountHost, string? state, TimeSpan? age = null)
    {
        var code = _identifiers.AuthorizationCode();
        var issued = new IssuedCode(HashOf(code), clientId, redirectUri, accountHost, _clock.GetUtcNow() - (age ?? TimeSpan.Zero)) { State = state };
        lock (_gate)
        {
            foreach (var old in _codes.Values.Where(old => _clock.GetUtcNow() - old.IssuedAt > IssuedCode.Lifetime).ToArray())
                _codes.Remove(old.Hash);
            _codes[issued.Hash] = issued;
            Save();
        }

        return code;
    }

    /// <returns>What a code was issued for that was not used yet; null when there is none.</returns>
    public IssuedCode? FindCode(string code)
    {
        lock (_gate)
            return _codes.GetValueOrDefault(HashOf(code));
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

    private void Take(TenantSnapshot snapshot)
    {
        _instances.EnsureCapacity(snapshot.Instances.Count);
        _idsByToken.EnsureCapacity(snapshot.Instances.Count);
        _instances.AddRange(snapshot.Instances.OrderBy(instance => instance.Id));
        foreach (var instance in _instances)
        {
            _idsByToken[instance.Token] = instance.Id;
            if (instance.AppearsAt is { } appears)
                _late[instance.Id] = appears;
        }

        foreach (var code in snapshot.Codes)
            _codes[code.Hash] = code;
        _lastInstanceId = Math.Max(_lastInstanceId, snapshot.LastInstanceId);
        _lastConfigurationId = Math.Max(_lastConfigurationId, snapshot.LastConfigurationId);
    }

    private static string HashOf(string code) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(code)));

    // Below zero, the complement of where it would stand, as a binary search has it.
    private int IndexOf(long id)
    {
        var (low, high) = (0, _instances.Count - 1);
        while (low <= high)
        {
            var middle = (low + high) >>> 1;
            var found = _instances[middle].Id;
            if (found == id)
                return middle;
            (low, high) = found < id ? (middle + 1, high) : (low, middle - 1);
        }

        return ~low;
    }

    // Under the lock: two writers would race for the file as well.
    private void Save()
    {
        if (!_file.IsKept)
            return;
        _file.Save(new TenantSnapshot
        {
            LastInstanceId = _lastInstanceId,
            LastConfigurationId = _lastConfigurationId,
            Instances = [.. _instances],
            Codes = [.. _codes.Values],
            Drawn = _identifiers.Drawn(),
        });
    }
}
