package config

import (
	"fmt"
	"slices"
	"time"

	"htgateway/gateway/incident"
	"htgateway/gateway/outbound/webhook"
)

// Webhook is one HTTP server that is sent updates.
type Webhook struct {
	ID          string                `yaml:"id"`
	URL         string                `yaml:"url"`
	SecretFile  string                `yaml:"secret_file"`
	Kinds       []incident.UpdateKind `yaml:"kinds"`
	Timeout     time.Duration         `yaml:"timeout"`
	GiveUpAfter time.Duration         `yaml:"give_up_after"`
	// Secret is read from SecretFile.
	Secret Secret `yaml:"-"`
}

// Defaults of a webhook, and how short a secret may be.
const (
	webhookTimeout = 10 * time.Second
	webhookGiveUp  = 24 * time.Hour
	secretAtLeast  = 16
)

// Settled is the webhook with defaults for what it leaves out.
func (w Webhook) Settled() Webhook {
	if w.Timeout == 0 {
		w.Timeout = webhookTimeout
	}
	if w.GiveUpAfter == 0 {
		w.GiveUpAfter = webhookGiveUp
	}
	return w
}

func (c *Config) checkWebhooks(complain func(string, ...any)) {
	known := append(webhook.DefaultKinds(), incident.UpdateFix, incident.UpdateInterval)
	seen := map[string]bool{}
	for i, w := range c.Webhooks {
		if w.ID == "" || seen[w.ID] {
			complain(fmt.Sprintf("webhook id %q is empty or there twice", w.ID), "webhooks", i)
		}
		seen[w.ID] = true
		if err := webhook.CheckURL(w.URL); err != nil {
			complain(fmt.Sprintf("webhook %q: url: %v", w.ID, err), "webhooks", i, "url")
		}
		if w.SecretFile == "" {
			complain(fmt.Sprintf("webhook %q has no secret_file", w.ID), "webhooks", i)
		}
		for _, k := range w.Kinds {
			if !slices.Contains(known, k) {
				complain(fmt.Sprintf("webhook %q: kind %q is not one of %v", w.ID, k, known), "webhooks", i, "kinds")
			}
		}
		if w.Timeout < 0 || w.Timeout > 5*time.Minute {
			complain(fmt.Sprintf("webhook %q: timeout %v is not between 0 and 5m", w.ID, w.Timeout), "webhooks", i, "timeout")
		}
		if w.GiveUpAfter < 0 {
			complain(fmt.Sprintf("webhook %q: give_up_after %v is negative", w.ID, w.GiveUpAfter), "webhooks", i, "give_up_after")
		}
	}
}

// readWebhookSecrets reads the secrets, which must not be guessable.
func (c *Config) readWebhookSecrets(note func(string, error)) {
	for i := range c.Webhooks {
		w := &c.Webhooks[i]
		if w.SecretFile == "" {
			continue // reported by checkWebhooks
		}
		var err error
		w.Secret, err = readSecret(w.SecretFile)
		if err == nil && len(w.Secret) < secretAtLeast {
			err = fmt.Errorf("the secret of webhook %q has fewer than %d characters", w.ID, secretAtLeast)
		}
		note(w.SecretFile, err)
	}
}
