using AdminPortal.Domain.Settings;

namespace AdminPortal.Provisioning.Maintenance;

/// <summary>The passphrase that backups are encrypted with: from a setting, from a file.</summary>
public static class BackupPassphrase
{
    /// <summary>What the settings say; null where backups are not encrypted.</summary>
    public static string? Find(BackupOptions options) =>
        options.Passphrase.Length > 0 ? options.Passphrase : options.PassphraseFile.Length > 0 ? ReadFile(options.PassphraseFile) : null;

    /// <summary>The first line of a file.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public static string ReadFile(string file) => File.ReadLines(file).FirstOrDefault()?.Trim() ?? "";

    /// <summary>What is wrong with a passphrase, as a sentence; null where nothing is.</summary>
    public static string? FindFault(string passphrase) => passphrase.Length < EncryptedBackup.MinPassphraseLength
        ? $"A passphrase has at least {EncryptedBackup.MinPassphraseLength} characters: whoever has the file can try as many as they like."
        : null;
}
