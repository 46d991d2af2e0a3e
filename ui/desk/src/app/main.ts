// The first file the browser runs: theme before the first paint, then the application.
import { mount } from 'svelte';
import '../kit/tokens.css';
import '../kit/base.css';
import App from './App.svelte';
import { rememberedTheme, showTheme } from './session.svelte';

showTheme(rememberedTheme());
mount(App, { target: document.getElementById('app')! });
