using AdminPortal.Domain.Users;
using Microsoft.AspNetCore.Identity;

namespace AdminPortal.TestSupport;

/// <summary>The framework's password hasher. It counts the comparisons.</summary>
public sealed class CountingHasher : IPasswordHasher<PortalUser>
{
    private readonly PasswordHasher<PortalUser> _inner = new();
    private readonly System.Collections.Concurrent.ConcurrentDictionary<string, int> _checksOf = new(StringComparer.Ordinal);
    private int _checks;

    /// <summary>How often a password was compared with this hash.</summary>
    public int ChecksOf(string? hash) => _checksOf.GetValueOrDefault(hash ?? "");

    /// <summary>Thrown by each comparison, unless null.</summary>
    public Exception? Trouble { get; set; }

    public int Checks => Volatile.Read(ref _checks);

    public string HashPassword(PortalUser user, string password) => _inner.HashPassword(user, password);

    public PasswordVerificationResult VerifyHashedPassword(PortalUser user, string hashedPassword, string providedPassword)
    {
        _ = Interlocked.Increment(ref _checks);
        _ = _checksOf.AddOrUpdate(hashedPassword, 1, static (_, count) => count + 1);
        if (Trouble is { } trouble) throw trouble;
        return _inner.VerifyHashedPassword(user, hashedPassword, providedPassword);
    }
}
